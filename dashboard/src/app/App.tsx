/** Which view is at which address. */
import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { texts } from "../model/texts.js";
import { BoardsPage } from "../views/boards/BoardsPage.js";
import { Layout } from "../views/layout/Layout.js";
import { Missing } from "../views/parts/Missing.js";

// Charts are loaded when a token is looked at.
const TokenPage = lazy(() => import("../views/token/TokenPage.js"));

export function App() {
  return (
    <Suspense fallback={<p role="status">{texts.loading}</p>}>
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<BoardsPage />} />
          <Route path="token/:mint" element={<TokenPage />} />
          <Route path="*" element={<Missing />} />
        </Route>
      </Routes>
    </Suspense>
  );
}
