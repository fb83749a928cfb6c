import { fill, h } from '../element.js';
import { text } from '../text.js';

class AccountView extends HTMLElement {
  connectedCallback() {
    fill(this, h('h1', { tabindex: '-1' }, text.nav.account));
  }
}
customElements.define('account-view', AccountView);
