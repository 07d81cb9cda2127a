import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';

/** SvelteKit tells screen readers the name of a new place, in an element with an inline style, which the policy of the page
 * forbids. Its style is in app.css. */
const withoutInlineStyle: Plugin = {
  name: 'without-inline-style',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('/generated/root.svelte') ? code.replace(/ style="[^"]*"/, '') : undefined),
};

export default defineConfig({
  plugins: [withoutInlineStyle, sveltekit()],
  // A small file inside another would need `data:` in the policy of the page.
  build: { assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false } },
  // While the page is worked on: `npx vite dev`, beside `stillwatch serve`.
  server: { proxy: { '/api': 'http://127.0.0.1:8480', '/readyz': 'http://127.0.0.1:8480' } },
});
