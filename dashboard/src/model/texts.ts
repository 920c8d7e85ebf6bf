/** Every text of the dashboard, in English. A translation is another file of this shape. */
export const texts = {
  brand: "Btracker",
  loading: "Loading…",
  missing: { title: "There is no such page", back: "Back to the boards" },
  boards: { new: "New", graduating: "Graduating", graduated: "Graduated", trending: "Trending" },
} as const;
