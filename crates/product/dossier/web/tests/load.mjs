// The script of a page, as it is in its file, run without a browser. It leaves its functions in the global scope.

import { readFileSync } from 'node:fs';

export function load(page) {
  const text = readFileSync(page, 'utf8');
  const script = /<script>([^]*)<\/script>/.exec(text);
  if (!script) throw new Error(`${page} has no script`);
  (0, eval)(script[1]);
}
