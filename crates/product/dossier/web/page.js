// The page: a file is chosen or dropped, and what was found is set as text.

const WORDS = { held: 'held', refuted: 'refuted', stated: 'stated only' };

/** Characters that turn or hide what stands beside them are shown as their code points. */
const visible = (text) =>
  Array.from(text, (one) => (HIDDEN.test(one) ? `[U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]` : one)).join('');

function element(tag, text, className = '') {
  const made = document.createElement(tag);
  made.textContent = visible(text);
  if (className) made.className = className;
  return made;
}

function verdictOf(told, hasKey) {
  if (!told.holds) {
    return ['This archive does not hold.', 'Something in it was changed, is missing, or does not follow from its records. Do not rely on it. The lines marked “refuted” say what.'];
  }
  const stated = told.lines.filter((line) => line.state === 'stated').length;
  const key = hasKey
    ? 'It is signed by the key that you trust.'
    : 'It is signed by the key inside it: whose key that is, you have to know from elsewhere.';
  return ['This archive holds.', `Every proof in it is right, and nothing in it is refuted. ${key} ${stated} lines are stated only.`];
}

function show(state, verdict, meaning, about, lines) {
  const $ = (id) => document.getElementById(id);
  $('result').hidden = false;
  $('result').className = state;
  $('verdict').textContent = visible(verdict);
  $('meaning').textContent = visible(meaning);
  $('about').replaceChildren(...about.flatMap(([name, value, className]) => [element('dt', name), element('dd', value, className)]));
  $('checked').hidden = lines.length === 0;
  $('lines').replaceChildren(
    ...lines.map((line) => {
      const item = element('li', '', line.state);
      item.append(element('b', WORDS[line.state]), element('span', line.text));
      return item;
    }),
  );
}

/** Only the last run may show what it found. */
let run = 0;

async function checkFile(file, trust) {
  run += 1;
  const own = run;
  show('', 'Checking …', `${file.name}, ${grouped(file.size)} bytes`, [], []);
  const unable = await whyUnable();
  if (unable) {
    if (own === run) show('', 'Nothing was checked.', unable, [], []);
    return;
  }
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (own === run) show('', 'Nothing was checked.', `The file cannot be read (${error}). Choose it again.`, [], []);
    return;
  }
  const started = performance.now();
  const told = await verifyArchive(bytes, trust);
  if (own !== run) return;
  const [verdict, meaning] = verdictOf(told, trust.trim() !== '');
  const about = [
    ['Case', told.case || 'not read'],
    ['File', `${file.name}, ${grouped(bytes.length)} bytes`],
    ['SHA-256', hex(await sha256(bytes)), 'code'],
    ['Checked', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, in ${((performance.now() - started) / 1000).toFixed(1)} seconds`],
  ];
  if (own === run) show(told.holds ? 'held' : 'refuted', verdict, meaning, about, told.lines);
}

function start() {
  const [file, trust, form] = ['file', 'trust', 'form'].map((id) => document.getElementById(id));
  let chosen = null;
  const again = () => {
    if (chosen) void checkFile(chosen, trust.value);
  };
  const choose = (files) => {
    chosen = files[0] ?? chosen;
    again();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    again();
  });
  // The same file can be chosen again after it was changed.
  file.addEventListener('click', () => {
    file.value = '';
  });
  file.addEventListener('change', () => choose(file.files));
  trust.addEventListener('change', again);
  const over = (is) => (event) => {
    event.preventDefault();
    document.body.classList.toggle('over', is);
  };
  document.addEventListener('dragover', over(true));
  document.addEventListener('dragleave', over(false));
  document.addEventListener('drop', (event) => {
    over(false)(event);
    choose(event.dataTransfer.files);
  });
  void whyUnable().then((unable) => {
    if (unable) show('', 'This browser cannot check an archive.', unable, [], []);
  });
}

if (globalThis.document) start();
// Without a document there is no page: tests ask the functions.
else Object.assign(globalThis, { verifyArchive, grouped, short, plain, time, isSameTime, isIncluded, rootOf, leafHash, entryOf, parseKey, parseNote, isSignedBy, ranking, decodeValues, fromBase64, escaped, hex, parseJson, asVerdict, accountLeaf });
