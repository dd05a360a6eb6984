import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readdirSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Person } from './person.ts';
import type { Server } from './server.ts';

/** In the browser's pool of files, each begins with its name and what it is for. */
const HEADER_BYTES = 4_096;
const NAME_BYTES = 512;

interface PoolFile {
  place: string;
  name: string;
}

/**
 * Makes a chat `count` messages longer, between its newest message and the next: as rows of the browser's own store, each a copy of
 * one that was really sent, as encrypting and sending so many takes too long. Words of them are not found by a search. The log of the
 * server goes on from behind them. Needs Debian's `sqlite3`. The browser is on an empty page when this returns.
 */
export async function growChat({ page, profile }: Person, server: Server, chatId: string, count: number): Promise<void> {
  await page.goto('about:blank');
  await server.down();
  const chat = `x'${chatId.replaceAll('-', '')}'`;
  sqlite(path.join(server.data, 'doorpost.db'), `UPDATE chats SET last_seq = last_seq + ${count} WHERE chat_id = ${chat};`);
  const files = poolFiles(profile);
  const store = files.find(({ name }) => !/-(wal|journal|shm)$/.test(name));
  if (!store) throw new Error('the browser has no store');
  const folder = mkdtempSync(path.join(tmpdir(), 'doorpost-store-'));
  const copy = path.join(folder, 'store');
  for (const { place, name } of files) writeFileSync(copy + name.slice(store.name.length), readFileSync(place).subarray(HEADER_BYTES));
  sqlite(copy, rows(chat, count));
  for (const { place, name } of files) {
    const header = readFileSync(place).subarray(0, HEADER_BYTES);
    const body = name === store.name ? readFileSync(copy) : Buffer.alloc(0);
    writeFileSync(place, Buffer.concat([header, body]));
  }
  rmSync(folder, { recursive: true });
  await server.up();
}

/** Texts as the other filler writes them: a few lines at most, a minute apart. */
const rows = (chat: string, count: number) => `
  CREATE TEMP TABLE kept AS SELECT name, sql FROM sqlite_schema WHERE name = 'message_text_inserted';
  DROP TRIGGER message_text_inserted;
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1}),
    last AS (SELECT * FROM message WHERE chat_id = ${chat} AND message_id IS NOT NULL ORDER BY seq DESC LIMIT 1),
    top AS (SELECT cursor_seq FROM chat WHERE chat_id = ${chat})
  INSERT INTO message (chat_id, local_id, seq, ordinal, kind, sender, people, text, at, state, mine, message_id, content, mentions_me)
  SELECT chat_id, 'long' || i, cursor_seq + 1 + i, 0, kind, sender, people,
    'Message ' || i || '. ' || substr('More of it. More of it. More of it. More of it. More of it. More of it. More of it. More of it. ', 1, 12 * (i % 9)),
    at + i, state, mine, randomblob(length(message_id)), content, mentions_me
  FROM n, last, top;
  UPDATE chat SET cursor_seq = cursor_seq + ${count}, read_seq = cursor_seq + ${count} WHERE chat_id = ${chat};
  PRAGMA writable_schema = ON;
  INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) SELECT 'trigger', name, 'message', 0, sql FROM kept;
  PRAGMA writable_schema = OFF;
  PRAGMA wal_checkpoint(TRUNCATE);
`;

const sqlite = (file: string, sql: string) => execFileSync('sqlite3', ['-bail', file], { input: sql });

/** The named files that the core keeps in the browser's private file system. */
function poolFiles(profile: string): PoolFile[] {
  const root = path.join(profile, 'Default', 'File System');
  return (readdirSync(root, { recursive: true }) as string[])
    .filter((file) => /^\d{8}$/.test(path.basename(file)))
    .map((file) => ({ place: path.join(root, file), name: nameOf(path.join(root, file)) }))
    .filter(({ name }) => name !== '');
}

function nameOf(place: string): string {
  const start = Buffer.alloc(NAME_BYTES);
  const file = openSync(place, 'r');
  readSync(file, start, 0, NAME_BYTES, 0);
  closeSync(file);
  return start.subarray(0, Math.max(0, start.indexOf(0))).toString();
}
