import type { components } from "./generated/api.js";

export type ProblemDocument = components["schemas"]["ProblemDocument"];

/** A request that was refused (RFC 9457); `code` is for programs, `message` for people. */
export class ProblemError extends Error {
  override name = "ProblemError";

  constructor(readonly document: ProblemDocument) {
    super(`${document.status} ${document.code}: ${document.detail}`);
  }

  get status(): number {
    return this.document.status;
  }

  get code(): string {
    return this.document.code;
  }
}

/** The live stream was closed, and would be again: 4400 or 4401, with the reason given. */
export class ClosedError extends Error {
  override name = "ClosedError";

  constructor(readonly code: number, readonly reason: string) {
    super(`${code}: ${reason}`);
  }
}

/** Return the problem that a response is, also where something before the API answered. */
export async function problemOf(response: Response): Promise<ProblemError> {
  const text = await response.text();
  if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
    return new ProblemError(JSON.parse(text) as ProblemDocument);
  }
  return new ProblemError({
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: "unknown",
    detail: text.slice(0, 200),
    instance: new URL(response.url).pathname,
    requestId: response.headers.get("x-request-id") ?? "",
  });
}
