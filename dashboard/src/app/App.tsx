/** Which view is at which address. Those behind the boards are loaded when they are opened. */
import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { texts } from "../model/texts.js";
import { BoardsPage } from "../views/boards/BoardsPage.js";
import { Layout } from "../views/layout/Layout.js";
import { Failure } from "../views/parts/Failure.js";
import { Missing } from "../views/parts/Missing.js";
import { Waiting } from "../views/parts/Note.js";

const BrowsePage = lazy(() => import("../views/browse/BrowsePage.js"));
const CreatorPage = lazy(() => import("../views/people/CreatorPage.js"));
const MarketPage = lazy(() => import("../views/market/MarketPage.js"));
const PostPage = lazy(() => import("../views/people/PostPage.js"));
const TokenPage = lazy(() => import("../views/token/TokenPage.js"));
const WalletPage = lazy(() => import("../views/people/WalletPage.js"));
const WatchlistPage = lazy(() => import("../views/watchlist/WatchlistPage.js"));

export function App() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<BoardsPage />} />
        <Route path="browse" element={later(<BrowsePage />)} />
        <Route path="watchlist" element={later(<WatchlistPage />)} />
        <Route path="market" element={later(<MarketPage />)} />
        <Route path="token/:mint" element={later(<TokenPage />)} />
        <Route path="creator/:address" element={later(<CreatorPage />)} />
        <Route path="wallet/:address" element={later(<WalletPage />)} />
        <Route path="post/:id" element={later(<PostPage />)} />
        <Route path="*" element={<Missing />} />
      </Route>
    </Routes>
  );
}

function later(page: React.ReactNode) {
  return (
    <Failure>
      <Suspense fallback={<Waiting rows={8} label={texts.loading} />}>{page}</Suspense>
    </Failure>
  );
}
