// Everything is asked for in the browser, of the API alone.
export const ssr = false;
export const prerender = false;
