/** What stands for a page that cannot be shown: its script is gone with an old build, or a mistake of ours. */
import { Component, type ReactNode } from "react";
import { texts } from "../../model/texts.js";
import { Note } from "./Note.js";

export class Failure extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Note title={texts.failure.title} isAlert>
        <button type="button" onClick={() => location.reload()}>{texts.failure.again}</button>
      </Note>
    );
  }
}
