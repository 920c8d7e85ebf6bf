/** What stands where a list would be: nothing, waiting, or a failure with a way on. */
import type { ReactNode } from "react";
import css from "./Note.module.css";

export function Note({ title, children, isAlert = false }: { title: string; children?: ReactNode; isAlert?: boolean }) {
  return (
    <div className={css.note} role={isAlert ? "alert" : undefined}>
      <p>{title}</p>
      {children}
    </div>
  );
}

/** Rows to come. */
export function Waiting({ rows, label }: { rows: number; label: string }) {
  return (
    <div role="status" className={css.waiting}>
      <span className="hidden">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={css.bone} aria-hidden="true" />
      ))}
    </div>
  );
}
