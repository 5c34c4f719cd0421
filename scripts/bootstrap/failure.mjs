/** Something that the reader can put right: its message is all that is shown. */
export class Failure extends Error {}
