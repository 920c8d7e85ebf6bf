import { figures } from "../../model/figures.js";
import css from "./Market.module.css";

/** A share as a bar, and as what it is. */
export function Bar({ share }: { share: number }) {
  return <span className={css.bar}><span className={css.track} aria-hidden="true"><span style={{ width: `${share * 100}%` }} /></span>{figures.share(share)}</span>;
}
