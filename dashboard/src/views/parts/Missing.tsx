import { Link } from "react-router";
import { texts } from "../../model/texts.js";

export function Missing() {
  return (
    <section>
      <h1>{texts.missing.title}</h1>
      <Link to="/">{texts.missing.back}</Link>
    </section>
  );
}
