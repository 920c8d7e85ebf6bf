/** The picture of a curve's progress: an arc from its left end over its top to its right end. */

export interface Point {
  x: number;
  y: number;
}

export interface Arc {
  /** The centre, and its distance from the arc's middle line. */
  centre: Point;
  radius: number;
}

/** The point at a share of the arc, 0 on the left, 1 on the right; y grows downwards as in SVG. */
export function pointAt({ centre, radius }: Arc, share: number): Point {
  const angle = Math.PI * (1 - within(share));
  return { x: centre.x + radius * Math.cos(angle), y: centre.y - radius * Math.sin(angle) };
}

/** An SVG path along the arc from one share to another; it is never more than a half circle. */
export function pathOf(arc: Arc, from: number, to: number): string {
  const [start, end] = [pointAt(arc, from), pointAt(arc, to)];
  return `M ${place(start)} A ${arc.radius} ${arc.radius} 0 0 1 ${place(end)}`;
}

function place({ x, y }: Point): string {
  return `${x.toFixed(2)} ${y.toFixed(2)}`;
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
