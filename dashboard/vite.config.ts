import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** An API to develop against: `btracker up`, or BTRACKER_URL. */
const api = process.env["BTRACKER_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    // Within the package, so that a wheel carries it and the API finds it.
    outDir: "../api/dashboard",
    emptyOutDir: true,
    // A picture in the script would need "data:" in the content policy, and is not cached alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  server: { proxy: { "/v1": { target: api, ws: true } } },
});
