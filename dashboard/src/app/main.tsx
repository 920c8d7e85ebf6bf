import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "react-redux";
import { BrowserRouter } from "react-router";
import { byPicture } from "../state/frames.js";
import { makeStore } from "../state/store.js";
import { App } from "./App.js";
import "./tokens.css";
import "./base.css";

const url = new URL("/v1/stream", location.href);
url.protocol = url.protocol.replace("http", "ws");
const store = makeStore({ url: url.href, schedule: byPicture, storage: localStorage, events: window });
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
