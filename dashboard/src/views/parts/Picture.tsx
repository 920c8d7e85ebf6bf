/** A token's picture, or its first letter where there is none to be had. */
import { useState } from "react";
import type { Token } from "../../model/types.js";
import { useAppSelector } from "../../state/hooks.js";
import css from "./Picture.module.css";

const HUES = 12;

export function Picture({ token, size = 36 }: { token: Token; size?: number }) {
  const [failed, setFailed] = useState<string | null>(null);
  const hasPictures = useAppSelector(({ live }) => live.connection.hasPictures);
  const image = token.image && (hasPictures ? `/v1/tokens/${token.mint}/image` : secure(token.image));
  const style = { width: size, height: size };
  if (image && image !== failed) {
    return (
      <img
        className={css.picture} style={style} src={image} alt="" width={size} height={size}
        loading="lazy" decoding="async" referrerPolicy="no-referrer" onError={() => setFailed(image)}
      />
    );
  }
  return (
    <span className={`${css.picture} ${css.letter}`} data-hue={hueOf(token.mint)} style={style} aria-hidden="true">
      {(token.symbol ?? token.name ?? "?").charAt(0).toUpperCase()}
    </span>
  );
}

/** Pictures on other people's servers: only over https, and without saying who asks. */
function secure(image: string): string | null {
  return image.startsWith("https://") ? image : null;
}

/** One of a few colours; the same mint always has the same. */
function hueOf(mint: string): number {
  let sum = 0;
  for (const letter of mint) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return sum % HUES;
}
