/** Charts; loaded when needed, so nothing outside may import them but lazily. */
export { createChart } from "lightweight-charts";
