import { useEffect } from "react";
import { texts } from "../../model/texts.js";

/** Name the page in the browser's tab and history. */
export function useTitle(page?: string): void {
  useEffect(() => {
    document.title = texts.title(page);
  }, [page]);
}
