/** An address, shortened, with where it leads and a way to copy it. */
import { useState } from "react";
import { Link } from "react-router";
import { tokenTexts } from "../../model/token/texts.js";
import css from "./Address.module.css";

export function shortened(address: string): string {
  return address.length > 11 ? `${address.slice(0, 4)}…${address.slice(-4)}` : address;
}

const EXPLORER = "https://solscan.io";

export function explorerOf(kind: "token" | "account" | "tx", id: string): string {
  return `${EXPLORER}/${kind}/${encodeURIComponent(id)}`;
}

interface AddressProps {
  address: string;
  /** Which page it leads to. */
  to: "wallet" | "creator" | "token";
}

export function Address({ address, to }: AddressProps) {
  return <Link className={css.address} to={`/${to}/${address}`} title={address}>{shortened(address)}</Link>;
}

/** A link out of the page: it does not say where it comes from. */
export function Outside({ href, children }: { href: string; children: React.ReactNode }) {
  return <a className={css.outside} href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a>;
}

const SHOWN_MS = 1_500;

export function Copy({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState("");
  const say = (words: string) => {
    setSaid(words);
    setTimeout(() => setSaid(""), SHOWN_MS);
  };
  const copy = () =>
    navigator.clipboard.writeText(text).then(() => say(tokenTexts.copied(what)), () => say(tokenTexts.notCopied));
  return (
    <>
      <button type="button" className={css.copy} data-done={said !== "" || undefined} aria-label={tokenTexts.copy(what)} title={tokenTexts.copy(what)} onClick={() => void copy()}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          {said ? <path d="M3 8.500l3.500 3.500L13 4.500" /> : <path d="M5.500 5.500h7v8h-7zM3.500 10.500v-8h7" />}
        </svg>
      </button>
      <span role="status" className="hidden">{said}</span>
    </>
  );
}
