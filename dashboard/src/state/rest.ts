/** What answers of REST say of themselves. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { type BaseQueryFn, fetchBaseQuery, type FetchArgs, type FetchBaseQueryError, type FetchBaseQueryMeta } from "@reduxjs/toolkit/query";
import { type Access, bearer, refused } from "./access.js";

const slice = createSlice({
  name: "rest",
  /** The store cannot be reached: what REST answers is as it was before. */
  initialState: { isStale: false },
  reducers: {
    toldStale: (_, { payload }: PayloadAction<boolean>) => ({ isStale: payload }),
  },
});

export const { toldStale } = slice.actions;
export const rest = slice.reducer;

// Answers have ETags: the browser asks whether they changed, and RTK keeps the objects if not.
const ask = fetchBaseQuery({
  baseUrl: "/v1",
  cache: "no-cache",
  prepareHeaders: (headers, { getState }) => {
    const { key } = (getState() as { access: Access }).access;
    // One that is only tried comes with the question.
    if (!headers.has(HEADER)) for (const [name, value] of Object.entries(bearer(key))) headers.set(name, value);
  },
});
const HEADER = "Authorization";
/** Statuses of who may not ask: at all, or this. */
const REFUSED: readonly unknown[] = [401, 403];

export type Ask = BaseQueryFn<string | FetchArgs, unknown, FetchBaseQueryError, object, FetchBaseQueryMeta>;

/** Ask REST, and take note of whether it answers us, and with what is of now. */
export const asking: Ask = async (args, api, options) => {
  const answer = await ask(args, api, options);
  const response = answer.meta?.response;
  if (response) {
    const isStale = response.headers.get("X-Btracker-Stale") === "true";
    const { rest: known } = api.getState() as { rest: { isStale: boolean } };
    if (known.isStale !== isStale) api.dispatch(toldStale(isStale));
    const { access } = api.getState() as { access: Access };
    const isTrial = typeof args === "object" && args.headers !== undefined;
    if (REFUSED.includes(answer.error?.status) && !isTrial) {
      // What stands before the server may refuse us in words of its own.
      const code = (answer.error?.data as { code?: string } | null)?.code ?? "notAuthorised";
      if (access.refusal !== code) api.dispatch(refused(code));
    }
  }
  return answer;
};
