/** What answers of REST say of themselves. */
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { type BaseQueryFn, fetchBaseQuery, type FetchArgs, type FetchBaseQueryError, type FetchBaseQueryMeta } from "@reduxjs/toolkit/query";

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
const ask = fetchBaseQuery({ baseUrl: "/v1", cache: "no-cache" });

export type Ask = BaseQueryFn<string | FetchArgs, unknown, FetchBaseQueryError, object, FetchBaseQueryMeta>;

/** Ask REST, and take note of whether its answers are of now. */
export const asking: Ask = async (args, api, options) => {
  const answer = await ask(args, api, options);
  const response = answer.meta?.response;
  if (response) {
    const isStale = response.headers.get("X-Btracker-Stale") === "true";
    const { rest: known } = api.getState() as { rest: { isStale: boolean } };
    if (known.isStale !== isStale) api.dispatch(toldStale(isStale));
  }
  return answer;
};
