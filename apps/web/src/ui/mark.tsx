/** The sign of the product: a vessel, and something hot in it. */
export const Mark = ({ size }: { size: number }) => (
  <svg aria-hidden="true" width={size} height={size} viewBox="0 0 24 24" fill="none">
    <path fill="var(--c-ember-fill)" d="M6.600 10h10.800l-1.100 6.200a3 3 0 0 1-3 2.500h-2.600a3 3 0 0 1-3-2.500z" />
    <path
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      d="M3 5h2.200l2.300 12.400A3.200 3.200 0 0 0 10.600 20h2.800a3.200 3.200 0 0 0 3.100-2.600L18.800 5H21"
    />
  </svg>
)
