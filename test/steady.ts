import { afterEach, beforeEach, vi } from "vitest";

/**
 * Time stands still in each test that does not set it: what the relay does in one go is bounded by time, and that a machine did something else
 * for a moment is to be no other end of a test.
 */
beforeEach(() => void vi.spyOn(performance, "now").mockReturnValue(performance.now()));
afterEach(() => void vi.restoreAllMocks());
