import { createServer, type Server as TcpServer, type Socket } from 'node:net';

/** A mail as it was handed over. */
export interface Mail {
  to: string;
  data: string;
}

/** A mail server: enough of SMTP for the server under test to hand over mail, which is kept. */
export class Post {
  readonly mails: Mail[] = [];
  #sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    readonly server: TcpServer
  ) {}

  static async start(): Promise<Post> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (!address || typeof address !== 'object') throw new Error('no port');
    const post = new Post(address.port, server);
    server.on('connection', (socket) => post.#talk(socket));
    return post;
  }

  #talk(socket: Socket): void {
    let [left, to, data] = ['', '', ''];
    let inData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string) => {
      if (inData && line === '.') {
        this.mails.push({ to, data });
        [inData, data] = [false, ''];
        say('250 kept');
      } else if (inData) data += `${line}\n`;
      else if (/^EHLO/i.test(line)) say('250 post.example');
      else if (/^RCPT/i.test(line)) {
        to = /<(.*)>/.exec(line)?.[1] ?? '';
        say('250 ok');
      } else if (/^DATA/i.test(line)) {
        inData = true;
        say('354 go on');
      } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
      else say('250 ok');
    };
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (left + chunk.toString()).split('\r\n');
      left = lines.pop() ?? '';
      lines.forEach(hear);
    });
    say('220 post.example ESMTP');
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
