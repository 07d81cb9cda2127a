import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** One page for every place in it, made of files that any server can hand out. */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ fallback: 'index.html', precompress: true, strict: true }),
    // The same sources give the same files.
    version: { name: 'console' },
    paths: { relative: false },
  },
};
