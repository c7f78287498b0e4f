import type { ReactNode } from 'react'

/** 16 × 16, drawn with the text's colour. Decoration: a word always stands beside it, so it is hidden from screen readers. */
type Size = { size?: number }

function Drawing({ size = 16, paths }: Size & { paths: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {paths}
    </svg>
  )
}

const icon = (paths: ReactNode) => (props: Size) => <Drawing {...props} paths={paths} />

export const CheckIcon = icon(<path d="m3 8.500 3.300 3.300L13 4.700" />)
export const CrossIcon = icon(<path d="m4 4 8 8m0-8-8 8" />)
export const HalfIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.500" />
    <path d="M8 2.500v11A5.500 5.500 0 0 0 8 2.500Z" fill="currentColor" />
  </>,
)
export const ClockIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.750" />
    <path d="M8 4.800V8l2.200 1.600" />
  </>,
)
export const MemoryIcon = icon(
  <path d="M4 4h8v8H4zM6.500 1.800V4m3-2.200V4m-3 8v2.200m3-2.200v2.200M1.800 6.500H4m-2.200 3H4m8-3h2.200M12 9.500h2.200" />,
)
export const OverflowIcon = icon(<path d="M2.500 3.500h11m-11 3h11m-11 3h5m3-.5v4.500m0 0 2-2m-2 2-2-2" />)
export const BracesIcon = icon(
  <path d="M6 2.500H5A1.500 1.500 0 0 0 3.500 4v2.500L2.300 8l1.200 1.500V12A1.500 1.500 0 0 0 5 13.500h1m4-11h1A1.500 1.500 0 0 1 12.500 4v2.500L13.700 8l-1.200 1.500V12a1.500 1.500 0 0 1-1.500 1.500h-1" />,
)
export const BoltIcon = icon(<path d="M8.800 1.800 3.500 9h3.700l-.8 5.200L12 6.800H8.200z" />)
export const ShieldIcon = icon(<path d="M8 1.800 3 3.600v4.200c0 3 2 5.200 5 6.400 3-1.200 5-3.400 5-6.400V3.600z" />)
export const ShieldOffIcon = icon(
  <path d="M5 2.900 8 1.800l5 1.800v4.200c0 .9-.2 1.700-.5 2.400m-2 2.600a8.500 8.500 0 0 1-2.500 1.400c-3-1.200-5-3.400-5-6.400V4M2 2l12 12" />,
)
export const QueueIcon = icon(<path d="M2.500 4h11m-11 4h7m-7 4h4" />)
export const BoxIcon = icon(
  <path d="M8 1.900 2.500 4.800v6.400L8 14.100l5.500-2.900V4.800zM2.700 4.900 8 7.700l5.300-2.800M8 7.700V14" />,
)
export const PlayIcon = icon(<path d="M4.500 2.800v10.400L13 8z" fill="currentColor" />)
export const StopIcon = icon(<path d="M4 4h8v8H4z" fill="currentColor" />)
export const BanIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.750" />
    <path d="m4 4 8 8" />
  </>,
)
export const WarningIcon = icon(<path d="M8 2.200 1.800 13h12.400zM8 6.300v3.200m0 1.900v.1" />)
export const SpinnerIcon = icon(<path d="M8 2.300a5.700 5.700 0 1 1-5.700 5.700" />)
export const DownloadIcon = icon(<path d="M8 2.300v7.900m0 0 3-3m-3 3-3-3M2.800 13.200h10.400" />)
export const PlusIcon = icon(<path d="M8 3v10M3 8h10" />)
export const TrashIcon = icon(<path d="M3 4.300h10M6.300 4V2.500h3.400V4m1.800.3-.6 9.200H5.100l-.6-9.200" />)
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.700" />
    <path d="M8 1.500v1.300m0 10.400v1.300M1.500 8h1.300m10.400 0h1.300M3.400 3.400l.9.9m7.400 7.400.9.9m0-9.200-.9.900m-7.400 7.400-.9.900" />
  </>,
)
export const MoonIcon = icon(<path d="M13.300 9.600A5.700 5.700 0 0 1 6.400 2.700a5.700 5.700 0 1 0 6.900 6.900Z" />)
export const RefreshIcon = icon(<path d="M13.300 8a5.300 5.300 0 1 1-1.600-3.800m1.800-2v2.600h-2.600" />)
export const DownIcon = icon(<path d="m4 6.300 4 4 4-4" />)
export const InfoIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.750" />
    <path d="M8 7.300v3.500m0-5.600v.1" />
  </>,
)
export const ListIcon = icon(<path d="M5.500 4h8m-8 4h8m-8 4h8M2.500 4h.1m-.1 4h.1m-.1 4h.1" />)
export const ServerIcon = icon(<path d="M2.500 3h11v4h-11zm0 6h11v4h-11zM5 5h.1M5 11h.1" />)
