"""The public site: where is my parcel?"""

from flask import Flask, abort, request, send_file

from web import accounts, documents, rates, tracking

app = Flask(__name__)


@app.get("/track")
def track():
    rows = tracking.find(request.args.get("number", ""))
    return {"events": [dict(row) for row in rows]}


@app.get("/hello")
def hello():
    name = request.args.get("name", "")
    return "<h1>Welcome back, " + name + "</h1>"


@app.get("/document")
def document():
    return send_file(documents.path_of(request.args.get("file", "")))


@app.post("/photo")
def photo():
    upload = request.files["photo"]
    return {"bytes": len(upload.read())}


@app.get("/logo")
def logo():
    return documents.fetch_logo(request.args.get("url", ""))


@app.post("/rates")
def upload_rates():
    return {"rates": rates.load(request.get_data())}


@app.get("/label")
def label():
    return documents.label(request.args.get("number", ""))


@app.post("/login")
def login():
    if not accounts.is_known(request.form["user"], request.form["password"]):
        abort(403)
    return {"ok": True}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000)
