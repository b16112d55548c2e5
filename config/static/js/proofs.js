/* Files of an act: gathers several choices in one list, checks sizes before sending, shows the progress. */
(function () {
  "use strict";
  const RECORDING = /^(audio|video)\//;
  function megabytes(bytes) { return Math.ceil(bytes / 104857.6) / 10; }

  function Chooser(box) {
    const inputs = Array.from(box.querySelectorAll("input[type='file']"));
    const list = box.querySelector("[data-list]");
    const refused = box.querySelector("[data-refused]");
    let files = [];
    box.classList.add("has-script");
    function wrong(file) {
      const most = Number(RECORDING.test(file.type) ? box.dataset.recordingBytes : box.dataset.pictureBytes);
      if (/\.hei[cf]$/i.test(file.name)) return "是 HEIC 格式，请在手机“设置—相机—格式”中选“兼容性最佳”后重拍";
      if (!file.size) return "是空的（0 字节）";
      return file.size > most ? "有 " + megabytes(file.size) + " MB，最多 " + megabytes(most) + " MB" : "";
    }
    function say(text) {
      refused.textContent = text;
      refused.hidden = !text;
    }
    // What the list shows is what the first chooser holds, so the form sends it with or without a progress bar.
    function hold() {
      const all = new DataTransfer();
      files.forEach(function (file) { all.items.add(file); });
      inputs.forEach(function (input, place) { input.files = place ? new DataTransfer().files : all.files; });
      list.replaceChildren.apply(list, files.map(function (file) {
        const row = document.createElement("li");
        const name = document.createElement("span");
        const away = document.createElement("button");
        name.textContent = file.name + "（" + megabytes(file.size) + " MB）";
        away.type = "button";
        away.textContent = "去掉";
        away.setAttribute("aria-label", "去掉 " + file.name);
        away.addEventListener("click", function () {
          files = files.filter(function (other) { return other !== file; });
          say("");
          hold();
        });
        row.append(name, away);
        return row;
      }));
    }
    function same(one, other) { return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified; }
    inputs.forEach(function (input) {
      input.addEventListener("change", function () {
        const said = [];
        const again = box.querySelector("[data-again]");
        if (again) again.remove();
        Array.from(input.files).forEach(function (file) {
          const why = wrong(file);
          if (why) said.push("“" + file.name + "”" + why);
          else if (files.some(function (other) { return same(other, file); })) return;
          else if (files.length >= Number(box.dataset.most)) said.push("最多 " + box.dataset.most + " 个文件，“" + file.name + "”没有加上");
          else files.push(file);
        });
        say(said.join("；"));
        hold();
      });
    });
    return { any: function () { return files.length > 0; } };
  }

  function progress(form) {
    const bar = form.querySelector("[data-progress]");
    const said = form.querySelector("[data-said]");
    return function (share) {
      bar.hidden = share === null;
      bar.value = share === null ? 0 : Math.round(share * 100);
      said.textContent = share === null ? "" : share < 1 ? "正在上传 " + bar.value + "%，请不要关闭页面。" : "已传完，正在检查和保存…";
    };
  }

  // The answer of a refused form: its sentences and hidden values are taken over; what was typed and chosen stays.
  function show(form, page) {
    const main = document.getElementById("main");
    main.querySelectorAll(".errors, [data-told], .field > .field-error").forEach(function (old) { old.remove(); });
    main.querySelectorAll(".field.is-wrong").forEach(function (old) { old.classList.remove("is-wrong"); });
    const told = page.querySelectorAll(".errors, [data-told]");
    Array.from(told).reverse().forEach(function (box) { form.before(document.adoptNode(box)); });
    page.querySelectorAll("form[data-upload] input[type='hidden'][name]").forEach(function (fresh) {
      const own = form.querySelector("input[type='hidden'][name='" + fresh.name + "']");
      if (own && fresh.name !== "csrfmiddlewaretoken") own.value = fresh.value;
    });
    if (!told.length) return false;
    main.querySelector(".errors, [data-told]").scrollIntoView({ block: "center" });
    return true;
  }

  document.querySelectorAll("form[data-upload]").forEach(function (form) {
    const choosers = Array.from(form.querySelectorAll("[data-files]")).map(Chooser);
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented || !choosers.some(function (one) { return one.any(); })) return;
      event.preventDefault();
      if (form.dataset.sending) return;
      form.dataset.sending = "1";
      const tell = progress(form);
      const data = new FormData(form);
      if (event.submitter && event.submitter.name) data.append(event.submitter.name, event.submitter.value);
      const sent = new XMLHttpRequest();
      function failed(text) {
        tell(null);
        window.baoxueSay(text);
      }
      sent.open("POST", form.getAttribute("action") || window.location.href);
      sent.setRequestHeader("Baoxue-Upload", "1");
      sent.upload.addEventListener("progress", function (at) { if (at.lengthComputable) tell(at.loaded / at.total); });
      sent.addEventListener("load", function () {
        const next = sent.getResponseHeader("Baoxue-Location");
        if (next) {
          delete form.dataset.changed;
          window.location.assign(next);
          return;
        }
        delete form.dataset.sending;
        tell(null);
        // Asked to sign in again: what was typed and chosen is still here.
        if (new URL(sent.responseURL, window.location.href).pathname !== window.location.pathname) {
          failed("登录已过期，没有保存。请在另一个窗口重新登录，再回到本页按保存；已填的内容和照片还在。");
          return;
        }
        const page = new DOMParser().parseFromString(sent.responseText, "text/html");
        if (show(form, page)) return;
        if (sent.status === 413) failed("文件太大，没有保存。请减少照片数量或压缩后再试。");
        else if (sent.status === 403) failed("没有这项权限，或登录已过期。请重新登录后再试。");
        else failed("没有保存（" + sent.status + "）。请稍后再试；仍不行请联系系统管理员。");
      });
      sent.addEventListener("error", function () {
        delete form.dataset.sending;
        failed("网络不通，没有保存；已填的内容和照片还在，联网后再按一次保存。");
      });
      tell(0);
      sent.send(data);
    });
  });
}());
