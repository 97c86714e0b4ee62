// The table of events, the same for both groups that serve them.
// Upstream: kubernetes pkg/printers/internalversion/printers.go (printEvent).
import { humanAge } from "#machinery/human-duration.ts";
import { Event, EventsV1Event } from "../../generated/kinds.ts";
import type * as types from "../../generated/types.ts";
import { type Cell, column, definePrinter, type KindPrinter, nameColumn, wideColumn } from "./printer.ts";

const columns = [
  column("Last Seen", "How long ago it last happened."),
  column("Type", "Normal or Warning."),
  column("Reason", "Why it happened, in one word."),
  column("Object", "What it happened to."),
  wideColumn("Subobject", "Which part of the object."),
  wideColumn("Source", "Who reports it."),
  column("Message", "What happened."),
  wideColumn("First Seen", "How long ago it first happened."),
  wideColumn("Count", "How often it happened."),
  { ...nameColumn, priority: 1 },
];

/** What both forms of an event say. */
interface EventFacts {
  readonly name: string;
  readonly type: string | undefined;
  readonly reason: string | undefined;
  readonly object: types.ObjectReference | undefined;
  readonly message: string | undefined;
  readonly source: types.EventSource | undefined;
  readonly controller: string | undefined;
  readonly instance: string | undefined;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly count: number | undefined;
  readonly eventTime: string | undefined;
  readonly series: types.EventSeries | types.EventsV1EventSeries | undefined;
}

const eventPrinter = definePrinter(Event, columns, (event, now) =>
  cellsOf(
    {
      name: event.metadata.name,
      type: event.type,
      reason: event.reason,
      object: event.involvedObject,
      message: event.message,
      source: event.source,
      controller: event.reportingComponent,
      instance: event.reportingInstance,
      first: event.firstTimestamp,
      last: event.lastTimestamp,
      count: event.count,
      eventTime: event.eventTime,
      series: event.series,
    },
    now,
  ),
);

const eventsV1EventPrinter = definePrinter(EventsV1Event, columns, (event, now) =>
  cellsOf(
    {
      name: event.metadata.name,
      type: event.type,
      reason: event.reason,
      object: event.regarding,
      message: event.note,
      source: event.deprecatedSource,
      controller: event.reportingController,
      instance: event.reportingInstance,
      first: event.deprecatedFirstTimestamp,
      last: event.deprecatedLastTimestamp,
      count: event.deprecatedCount,
      eventTime: event.eventTime,
      series: event.series,
    },
    now,
  ),
);

function cellsOf(facts: EventFacts, now: number): readonly Cell[] {
  const first = facts.first ?? facts.eventTime;
  const last = facts.series?.lastObservedTime ?? facts.last ?? first;
  // Events of the newer kind that happened once have no count.
  const count = facts.series?.count ?? facts.count ?? 0;
  return [
    humanAge(last, now),
    facts.type ?? "",
    facts.reason ?? "",
    objectText(facts.object),
    facts.object?.fieldPath ?? "",
    sourceText(facts),
    (facts.message ?? "").trim(),
    humanAge(first, now),
    count === 0 ? 1 : count,
    facts.name,
  ];
}

function objectText({ kind = "", name = "" }: types.ObjectReference = {}): string {
  return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceText({ source, controller, instance }: EventFacts): string {
  const component = source?.component ?? controller ?? "";
  const host = source?.host ?? instance ?? "";
  return [component, host].filter((part) => part !== "").join(", ");
}

export const eventPrinters: readonly KindPrinter[] = [eventPrinter, eventsV1EventPrinter];
