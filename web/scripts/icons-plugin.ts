import type { Plugin } from 'vite';

type IconNode = [tag: string, attributes: Record<string, string>][];
const ICON = /@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/;
const DATA = /const iconData = (\{.*\});/;

/**
 * Lucide's icons as plain markup. Its own components put each attribute and each path of an icon together when it is shown, which
 * in a list of messages costs more than all the rest of a row; markup is copied in one go.
 */
export function staticIcons(): Plugin {
  return {
    name: 'static-icons',
    enforce: 'pre',
    transform: {
      filter: { id: ICON },
      handler(source, id) {
        const data = DATA.exec(source)?.[1];
        if (!data) this.error(`no icon in ${id}: Lucide writes its components in another way now`);
        return { code: iconSource((JSON.parse(data) as { node: IconNode }).node), map: null };
      }
    }
  };
}

function iconSource(node: IconNode): string {
  const shapes = node.map(([tag, attributes]) => {
    const written = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`);
    return `<${tag} ${written.join(' ')} />`;
  });
  return `<script>
  let { size = 24, strokeWidth = 2, fill = 'none', class: name, role, 'aria-label': label, 'aria-hidden': hidden = label ? undefined : 'true' } = $props();
</script>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width={size} height={size} {fill} stroke="currentColor"
  stroke-width={strokeWidth} stroke-linecap="round" stroke-linejoin="round" class={name} {role} aria-hidden={hidden} aria-label={label}
  >${shapes.join('')}</svg>
`;
}
