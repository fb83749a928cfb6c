import { fill, h } from '../element.js';
import { text } from '../text.js';

class FilesView extends HTMLElement {
  connectedCallback() {
    fill(this, h('h1', { tabindex: '-1' }, text.nav.files));
  }
}
customElements.define('files-view', FilesView);
