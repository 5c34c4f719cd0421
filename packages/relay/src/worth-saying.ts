/** Whether the count of something is to be said: 1, 2, 4, 8 …, so that nobody fills a log. */
export function isWorthSaying(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
