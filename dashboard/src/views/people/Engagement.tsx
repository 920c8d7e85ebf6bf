/** How a post did on X, at the ages at which it was counted. */
import { figures } from "../../model/figures.js";
import { lasting, tokenTexts } from "../../model/token/texts.js";
import type { Schemas } from "../../model/types.js";
import { Card } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";

type Point = Schemas["EngagementPoint"];

const said = tokenTexts.engagement;
const COUNTED = ["views", "likes", "reposts", "replies", "quotes", "bookmarks"] as const;

const COLUMNS: readonly DataColumn<Point>[] = [
  {
    key: "age", title: said.age, isHead: true,
    text: ({ afterS }) => afterS, cell: ({ afterS }) => lasting(afterS * 1000),
  },
  ...COUNTED.map((name): DataColumn<Point> => ({
    key: name, title: said[name],
    text: (point) => point[name], cell: (point) => figures.whole(point[name]),
  })),
  { key: "at", title: said.at, isWide: true, text: ({ at }) => at, cell: ({ at }) => figures.date(at) },
];

export function Engagement({ id, points }: { id: string; points: readonly Point[] }) {
  if (points.length === 0) return null;
  return (
    <Card title={said.title} isFlush>
      <DataTable caption={said.title} columns={COLUMNS} rows={points} keyOf={({ afterS }) => String(afterS)} file={`post-${id}-on-x`} />
    </Card>
  );
}
