// Inside WeChat its own script asks the customer for his password. What it says of the outcome proves nothing: the page
// is loaded again, and the platform asks WeChat.
const button = document.querySelector("[data-wechat-pay]");

function pay() {
  const parameters = JSON.parse(button.dataset.wechatPay);
  window.WeixinJSBridge.invoke("getBrandWCPayRequest", parameters, () => window.location.reload());
}

button?.addEventListener("click", () => {
  if (window.WeixinJSBridge) pay();
  else document.addEventListener("WeixinJSBridgeReady", pay, { once: true });
});
