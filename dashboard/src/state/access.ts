/** The key that somebody gave this browser: it goes with every question to this server, and nowhere else. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

export interface Access {
  key: string | null;
  /** Why the server would not answer, by its code, as long as nothing else is known; null: it does. */
  refusal: string | null;
}

const slice = createSlice({
  name: "access",
  initialState: { key: null, refusal: null } as Access,
  reducers: {
    /** Another key, null: none any more; all that was refused is asked again. */
    keyed: (_, { payload: key }: PayloadAction<string | null>) => ({ key, refusal: null }),
    refused: (state, { payload: refusal }: PayloadAction<string | null>) => ({ ...state, refusal }),
  },
});

export const { keyed, refused } = slice.actions;
export const access = slice.reducer;

/** What a header can carry; a key has no other signs. */
const SIGNS = /^[\x21-\x7e]{1,4096}$/;

export function isKey(text: string): boolean {
  return SIGNS.test(text);
}

/** The key as it was kept; null where there is none, or none that could be. */
export function keptKey(text: string | null): string | null {
  return text !== null && isKey(text) ? text : null;
}

export function bearer(key: string | null): Record<string, string> {
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}
