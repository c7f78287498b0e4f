import { createTheme, type MantineColorsTuple } from '@mantine/core'

const ember: MantineColorsTuple = [
  '#fdf1ea',
  '#fbe0d2',
  '#f7bfa2',
  '#f49b6e',
  '#f57f45',
  '#f5743a',
  '#d9561a',
  '#bf450d',
  '#a83c0a',
  '#7d2c06',
]

const small = { defaultProps: { size: 'xs' } }

/**
 * Only what Mantine computes in script; colours and sizes are variables in `tokens.css`. Parts are named by text: naming
 * them by import would put every one of them into the first download.
 */
export const theme = createTheme({
  primaryColor: 'ember',
  colors: { ember },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'default' } },
    ActionIcon: { defaultProps: { size: 'md', variant: 'subtle', color: 'gray' } },
    NativeSelect: small,
    NumberInput: small,
    TextInput: small,
    Textarea: small,
    Tooltip: { defaultProps: { openDelay: 200, events: { hover: true, focus: true, touch: true } } },
  },
})
