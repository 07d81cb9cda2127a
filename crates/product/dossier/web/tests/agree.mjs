// What the page says of the archives of a list: node agree.mjs PAGE LIST. Prints it as JSON, by the files of the archives.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { load } from './load.mjs';

const [page, list] = process.argv.slice(2);
load(page);
const told = {};
for (const { file, trust } of JSON.parse(readFileSync(list, 'utf8'))) {
  const { holds, lines, claims } = await verifyArchive(new Uint8Array(readFileSync(join(dirname(list), file))), trust ?? '');
  told[file] = { holds, claims, refuted: lines.filter((line) => line.state === 'refuted').map((line) => line.text) };
}
process.stdout.write(JSON.stringify(told));
