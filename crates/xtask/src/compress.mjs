// Writes `FILE.br` and `FILE.gz` beside each text and module of the built web app: the server hands them
// out as they are, so compressing costs nothing while it runs.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = process.argv[2];
const COMPRESSIBLE = /\.(js|mjs|css|html|svg|json|wasm|webmanifest|txt)$/;
const SIZE_BYTES_MIN = 1024;

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath, entry.name);
  if (!entry.isFile() || !COMPRESSIBLE.test(entry.name)) continue;
  const content = await readFile(file);
  for (const [suffix, compressed] of [
    ['br', brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } })],
    ['gz', gzipSync(content, { level: 9 })]
  ]) {
    const worthIt = content.length >= SIZE_BYTES_MIN && compressed.length < content.length * 0.95;
    if (worthIt) await writeFile(`${file}.${suffix}`, compressed);
    else await rm(`${file}.${suffix}`, { force: true });
  }
}
