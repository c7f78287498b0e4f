/** A program to try. The hostile ones are here to be run: what stops them is what the product is about. */
export type Example = {
  readonly title: string
  /** What one should see. */
  readonly shows: string
  readonly code: string
  readonly stdin?: string
}
