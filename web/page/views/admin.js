import { fill, h } from '../element.js';
import { text } from '../text.js';

class AdminView extends HTMLElement {
  connectedCallback() {
    fill(this, h('h1', { tabindex: '-1' }, text.nav.admin));
  }
}
customElements.define('admin-view', AdminView);
