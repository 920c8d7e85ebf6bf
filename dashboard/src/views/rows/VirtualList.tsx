/** A long list of which only the rows in view exist; arrows go from row to row. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, type RefObject, useRef, useState } from "react";
import css from "./VirtualList.module.css";

const OVERSCAN = 6;

interface VirtualListProps<Item> {
  items: readonly Item[];
  keyOf: (item: Item) => string;
  row: (item: Item, isCurrent: boolean) => ReactNode;
  rowHeight: number;
  label: string;
  scrollRef: RefObject<HTMLDivElement | null>;
  onScroll?: (top: number) => void;
  onEnd?: () => void;
}

export function VirtualList<Item>(props: VirtualListProps<Item>) {
  const { items, keyOf, row, rowHeight, label, scrollRef, onScroll, onEnd } = props;
  const [current, setCurrent] = useState(0);
  const list = useRef<HTMLOListElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(items[index] as Item),
    overscan: OVERSCAN,
  });

  function go(event: KeyboardEvent) {
    const to = target(event.key, current, items.length);
    if (to === null || !(event.target as Element).closest("a")) return;
    event.preventDefault();
    virtual.scrollToIndex(to);
    setCurrent(to);
    // The row may be made only now.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-index="${to}"] a`)?.focus());
  }

  return (
    <div
      ref={scrollRef} className={css.scroll}
      onScroll={({ currentTarget }) => {
        onScroll?.(currentTarget.scrollTop);
        const { scrollHeight, scrollTop, clientHeight } = currentTarget;
        if (scrollHeight - scrollTop - clientHeight < 5 * rowHeight) onEnd?.();
      }}
    >
      {/* A list whose marker is taken away is none to some screen readers, unless it says so. */}
      <ol ref={list} role="list" aria-label={label} className={css.list} style={{ height: virtual.getTotalSize() }} onKeyDown={go}>
        {virtual.getVirtualItems().map(({ index, key, start }) => (
          <li
            key={key} data-index={index} aria-setsize={items.length} aria-posinset={index + 1}
            className={css.item} style={{ height: rowHeight, transform: `translateY(${start}px)` }}
            onFocus={() => setCurrent(index)}
          >
            {row(items[index] as Item, index === Math.min(current, items.length - 1))}
          </li>
        ))}
      </ol>
    </div>
  );
}

function target(key: string, current: number, count: number): number | null {
  if (key === "ArrowDown") return Math.min(count - 1, current + 1);
  if (key === "ArrowUp") return Math.max(0, current - 1);
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}
