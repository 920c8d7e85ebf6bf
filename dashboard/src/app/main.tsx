import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "react-redux";
import { BrowserRouter } from "react-router";
import { byPicture, LEAST_MS, paced } from "../state/frames.js";
import { rest } from "../state/gaps.js";
import { shelfOf } from "../state/saved.js";
import { makeStore } from "../state/store.js";
import { App } from "./App.js";
import "./tokens.css";
import "./base.css";

const url = new URL("/v1/stream", location.href);
url.protocol = url.protocol.replace("http", "ws");
const store = makeStore({
  url: url.href,
  schedule: paced(byPicture, LEAST_MS),
  rest,
  storage: localStorage,
  // Neither is there without TLS, but on this machine.
  shelf: "caches" in window ? shelfOf(caches) : null,
  events: window,
});
if (import.meta.env.PROD && "serviceWorker" in navigator) void navigator.serviceWorker.register("/sw.js");
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <Provider store={store}>
      <BrowserRouter>
        <App />
      </BrowserRouter>
    </Provider>
  </StrictMode>,
);
