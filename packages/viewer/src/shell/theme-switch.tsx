import { IconButton } from '../parts/button.tsx';
import { Icon, type IconName } from '../parts/icons.tsx';
import { chooseTheme, type ThemeChoice, useThemeChoice } from './theme.ts';

const NEXT: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'light', light: 'dark', dark: 'system' };
const LOOKS: Readonly<Record<ThemeChoice, { readonly icon: IconName; readonly label: string }>> = {
  system: { icon: 'device', label: 'Theme: as the device' },
  light: { icon: 'sun', label: 'Theme: light' },
  dark: { icon: 'moon', label: 'Theme: dark' },
};

/** Goes through the themes: as the device, light, dark. */
export function ThemeSwitch() {
  const choice = useThemeChoice();
  const { icon, label } = LOOKS[choice];
  return (
    <IconButton label={label} onClick={() => chooseTheme(NEXT[choice])}>
      <Icon name={icon} size={16} />
    </IconButton>
  );
}
