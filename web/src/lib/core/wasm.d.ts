/** What `cargo xtask web` puts into `wasm/` (wasm-bindgen, target web). */
declare module '$wasm/doorpost_client_wasm.js' {
  export class Core {
    static open(json: string): Promise<Core>;
    /** Takes a command as JSON, gives its result as JSON; rejects with an error as JSON. */
    call(json: string): Promise<string>;
    /** Names a file for the commands that take the path of one to be read. */
    lend_file(path: string, file: Blob): void;
    /** What a command wrote to a path; none when it wrote nothing. */
    take_file(path: string, media_type: string): Blob | undefined;
    /** Forgets what stands under a path. */
    forget_file(path: string): void;
    on_event(listener: (json: string) => void): void;
    /** Keeps a socket open from now on. */
    start(): void;
    /** Closes the local store; the core is of no use after it. */
    close(): Promise<void>;
  }
  export default function init(options: { module_or_path: string | URL }): Promise<unknown>;
}
declare module '$wasm/doorpost_client_wasm_bg.wasm?url' {
  const url: string;
  export default url;
}
