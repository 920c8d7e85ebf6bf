/** The head of a page about an address. */
import { tokenTexts } from "../../model/token/texts.js";
import { Copy, explorerOf, Outside, shortened } from "./Address.js";
import css from "./People.module.css";

export function Person({ title, address, children }: { title: string; address: string; children?: React.ReactNode }) {
  return (
    <header className={css.head}>
      <h1>{title} <span className={css.address} title={address}>{shortened(address)}</span> <Copy text={address} what={title.toLowerCase()} /></h1>
      <p>{children}<Outside href={explorerOf("account", address)}>{tokenTexts.header.explorer}</Outside></p>
    </header>
  );
}
