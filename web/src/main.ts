import '@fontsource-variable/figtree/wght.css';
import './styles/layers.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import { mount } from 'svelte';
import { startLocale } from '$lib/i18n/index.svelte';
import App from './App.svelte';

await startLocale();
mount(App, { target: document.getElementById('app')! });
