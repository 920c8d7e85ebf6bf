/** What surrounds every view. */
import { useEffect } from "react";
import { Link, NavLink, Outlet } from "react-router";
import { texts } from "../../model/texts.js";
import { useAppDispatch, useAppSelector } from "../../state/hooks.js";
import { THEMES, themed } from "../../state/prefs.js";
import { KeyChip } from "../access/KeyChip.js";
import { Search } from "../search/Search.js";
import { Banner } from "../status/Banner.js";
import { StatusChip } from "../status/StatusChip.js";
import css from "./Layout.module.css";

export function Layout() {
  return (
    <div className={css.page}>
      <a className={css.skip} href="#content">{texts.skip}</a>
      <header className={css.head}>
        <Link to="/" className={css.brand} aria-label={texts.brand}>
          <svg viewBox="0 0 64 64" width="26" height="26" aria-hidden="true">
            <path d="M12 44c10 0 14-3 19-12S42 16 52 16" fill="none" stroke="var(--accent)" strokeWidth="7" strokeLinecap="round" />
            <circle cx="52" cy="16" r="6" fill="var(--down)" />
          </svg>
          <span>{texts.brand}</span>
        </Link>
        <nav aria-label={texts.nav.label} className={css.nav}>
          <NavLink to="/" end>{texts.nav.boards}</NavLink>
          <NavLink to="/browse">{texts.nav.browse}</NavLink>
          <NavLink to="/market">{texts.nav.market}</NavLink>
          <NavLink to="/watchlist">{texts.nav.watchlist}</NavLink>
        </nav>
        <Search />
        <StatusChip />
        <KeyChip />
        <Theme />
      </header>
      <Banner />
      <main id="content" className={css.main} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

const SIGNS = { auto: "◐", dark: "●", light: "○" } as const;

function Theme() {
  const dispatch = useAppDispatch();
  const theme = useAppSelector(({ prefs }) => prefs.theme);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
  const said = `${texts.theme.label}: ${texts.theme[theme]}`;
  return (
    <button type="button" className={css.theme} aria-label={said} title={said} onClick={() => dispatch(themed(next))}>
      <span aria-hidden="true">{SIGNS[theme]}</span>
    </button>
  );
}
