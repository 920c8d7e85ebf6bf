import { Link } from "react-router";
import { texts } from "../../model/texts.js";
import { Note } from "./Note.js";
import { useTitle } from "./useTitle.js";

export function Missing() {
  useTitle(texts.missing.title);
  return (
    <Note title={texts.missing.title}>
      <Link to="/">{texts.missing.back}</Link>
    </Note>
  );
}
