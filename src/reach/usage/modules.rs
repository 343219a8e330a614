//! Under which names a package is imported.

use super::ecosystem::{ECOSYSTEMS, plain};

/// Packages of Python whose modules are called otherwise, by their plain names.
const OTHERWISE: &[(&str, &[&str])] = &[
    ("attrs", &["attr", "attrs"]),
    ("beautifulsoup4", &["bs4"]),
    ("biopython", &["Bio"]),
    ("djangorestframework", &["rest_framework"]),
    ("dnspython", &["dns"]),
    ("docker-py", &["docker"]),
    ("faiss-cpu", &["faiss"]),
    ("fonttools", &["fontTools"]),
    ("gitpython", &["git"]),
    ("ldap3", &["ldap3"]),
    ("llama-cpp-python", &["llama_cpp"]),
    ("markdown-it-py", &["markdown_it"]),
    ("msgpack-python", &["msgpack"]),
    ("mysql-connector-python", &["mysql"]),
    ("mysqlclient", &["MySQLdb"]),
    ("opencv-contrib-python", &["cv2"]),
    ("opencv-python", &["cv2"]),
    ("opencv-python-headless", &["cv2"]),
    ("pillow", &["PIL"]),
    ("pillow-simd", &["PIL"]),
    ("protobuf", &["google.protobuf"]),
    ("psycopg2-binary", &["psycopg2"]),
    ("pycrypto", &["Crypto"]),
    ("pycryptodome", &["Crypto"]),
    ("pycryptodomex", &["Cryptodome"]),
    ("pyjwt", &["jwt"]),
    ("pymupdf", &["fitz", "pymupdf"]),
    ("pynacl", &["nacl"]),
    ("pyopenssl", &["OpenSSL"]),
    ("pypdf2", &["PyPDF2"]),
    ("pysaml2", &["saml2"]),
    ("pyserial", &["serial"]),
    ("python-dateutil", &["dateutil"]),
    ("python-docx", &["docx"]),
    ("python-dotenv", &["dotenv"]),
    ("python-jose", &["jose"]),
    ("python-jwt", &["python_jwt"]),
    ("python-ldap", &["ldap"]),
    ("python-magic", &["magic"]),
    ("python-multipart", &["multipart", "python_multipart"]),
    ("python-pptx", &["pptx"]),
    ("python-slugify", &["slugify"]),
    ("pytorch-lightning", &["pytorch_lightning"]),
    ("pywin32", &["win32api", "win32con", "pythoncom"]),
    ("pyyaml", &["yaml"]),
    ("pyzmq", &["zmq"]),
    ("ruamel-yaml", &["ruamel.yaml"]),
    ("scikit-image", &["skimage"]),
    ("scikit-learn", &["sklearn"]),
    ("setuptools", &["setuptools", "pkg_resources"]),
    ("tensorflow-cpu", &["tensorflow"]),
    ("tensorflow-gpu", &["tensorflow"]),
    ("websocket-client", &["websocket"]),
    ("umap-learn", &["umap"]),
];

/// Packages of Python that are imported under their own names.
const ALIKE: &[&str] = &[
    "aiohttp",
    "ansible",
    "anyio",
    "authlib",
    "babel",
    "black",
    "bleach",
    "boto3",
    "botocore",
    "bottle",
    "celery",
    "certifi",
    "cherrypy",
    "click",
    "configobj",
    "cryptography",
    "dask",
    "defusedxml",
    "django",
    "dulwich",
    "ecdsa",
    "fastapi",
    "feedparser",
    "flask",
    "fonttools",
    "future",
    "gevent",
    "gradio",
    "gunicorn",
    "h11",
    "h2",
    "html5lib",
    "httplib2",
    "httpx",
    "idna",
    "ipython",
    "jinja2",
    "joblib",
    "jsonpickle",
    "jupyter",
    "keras",
    "langchain",
    "lxml",
    "mako",
    "markdown",
    "markdown2",
    "mistune",
    "mlflow",
    "nltk",
    "notebook",
    "numpy",
    "oauthlib",
    "onnx",
    "openpyxl",
    "pandas",
    "paramiko",
    "pip",
    "ply",
    "psutil",
    "psycopg2",
    "py",
    "pyarrow",
    "pyasn1",
    "pydantic",
    "pygments",
    "pymongo",
    "pymysql",
    "pyramid",
    "pytest",
    "ray",
    "redis",
    "reportlab",
    "requests",
    "rsa",
    "salt",
    "sanic",
    "scipy",
    "scrapy",
    "sentry-sdk",
    "simplejson",
    "sqlalchemy",
    "sqlparse",
    "starlette",
    "streamlit",
    "tensorflow",
    "torch",
    "tornado",
    "tqdm",
    "transformers",
    "trytond",
    "twisted",
    "ujson",
    "urllib3",
    "uvicorn",
    "virtualenv",
    "waitress",
    "werkzeug",
    "wheel",
    "xmltodict",
    "zipp",
    "zope",
];

/// The modules of a package, and whether that is known and no guess by its name.
pub(super) struct Modules {
    pub(super) names: Vec<String>,
    pub(super) is_known: bool,
}

/// The modules of a package with this plain name. `installed` has what the metadata of installed packages in the tree
/// says.
pub(super) fn modules(ecosystem: usize, name: &str, installed: Option<&[String]>) -> Modules {
    let kind = ECOSYSTEMS.get(ecosystem).map_or("", |one| one.kind);
    let own = |text: &str| vec![text.to_owned()];
    if let Some(installed) = installed.filter(|names| !names.is_empty()) {
        return Modules { names: installed.to_vec(), is_known: true };
    }
    match kind {
        "pypi" => match OTHERWISE.iter().find(|(package, _)| *package == name) {
            Some((_, modules)) => {
                Modules { names: modules.iter().map(|module| (*module).to_owned()).collect(), is_known: true }
            }
            None => Modules { names: own(&name.replace('-', "_")), is_known: ALIKE.contains(&name) },
        },
        "cargo" => Modules { names: own(&name.replace('-', "_")), is_known: true },
        // Packages of Java often lie in the namespace that their group is called by, and others in it too.
        "maven" => Modules { names: own(name.split('/').next().unwrap_or(name)), is_known: false },
        _ => Modules { names: own(name), is_known: true },
    }
}

/// What an import of this module may be of: the module itself, and each part of it from the front.
pub(super) fn candidates(ecosystem: usize, module: &str) -> Vec<String> {
    let kind = ECOSYSTEMS.get(ecosystem).map_or("", |one| one.kind);
    let separator = if matches!(kind, "pypi" | "maven") { '.' } else { '/' };
    let ends = module.match_indices(separator).map(|(at, _)| at).chain([module.len()]);
    // The names of modules in Python and Rust are told apart by case, and have `_`.
    let spell =
        |part: &str| if matches!(kind, "pypi" | "cargo" | "maven") { part.to_owned() } else { plain(ecosystem, part) };
    ends.filter_map(|end| module.get(..end)).map(spell).collect()
}
