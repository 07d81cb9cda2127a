// What charts have in common.

/**
 * The bar under a pointer, or null beside them. A chart is `width` units wide, its first bar begins at `left`, and each bar takes
 * `step`.
 */
export function barAt(event: PointerEvent, width: number, left: number, step: number, bars: number): number | null {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const at = Math.floor((((event.clientX - box.left) / box.width) * width - left) / step);
  return at >= 0 && at < bars ? at : null;
}
