import { whole } from "./leaf";

/** The least that a process can work with: a connection for queries, and its control connection. */
export const leastPool = 2;
/** Far beyond what one process can use. */
const mostPool = 100;

/** Connections of one process to the database. */
export const poolPerProcess = (size: number, process: string) =>
  whole(leastPool, mostPool, {
    description: `Database connections that ${process} may open, its control connection included.`,
    example: String(size),
  }).default(size);
