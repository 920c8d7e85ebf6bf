/** What surrounds every view. */
import { Link, Outlet } from "react-router";
import { texts } from "../../model/texts.js";

export function Layout() {
  return (
    <>
      <header>
        <Link to="/">{texts.brand}</Link>
      </header>
      <main>
        <Outlet />
      </main>
    </>
  );
}
