// Top-level modules of CPython 3.8 to 3.14, from `sys.stdlib_module_names` and the release notes of each version.
// `name<3.12`: gone from that version on; `name>=3.11`: there from that version on.

/** Modules of the standard library, public ones. */
export const stdlib: string = `__future__ __main__ abc aifc<3.13 annotationlib>=3.14 antigravity argparse array ast asynchat<3.12 asyncio asyncore<3.12 atexit
audioop<3.13 base64 bdb binascii binhex<3.11 bisect builtins bz2 cProfile calendar cgi<3.13 cgitb<3.13 chunk<3.13 cmath cmd code codecs codeop
collections colorsys compileall compression>=3.14 concurrent configparser contextlib contextvars copy copyreg crypt<3.13 csv ctypes curses
dataclasses datetime dbm decimal difflib dis distutils<3.12 doctest dummy_threading<3.9 email encodings ensurepip enum errno faulthandler fcntl
filecmp fileinput fnmatch formatter<3.10 fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib>=3.9 grp gzip hashlib
heapq hmac html http idlelib imaplib imghdr<3.13 imp<3.12 importlib inspect io ipaddress itertools json keyword lib2to3<3.13 linecache locale
logging lzma mailbox mailcap<3.13 marshal math mimetypes mmap modulefinder msilib<3.13 msvcrt multiprocessing netrc nis<3.13 nntplib<3.13 nt
ntpath nturl2path numbers opcode operator optparse os ossaudiodev<3.13 parser<3.10 pathlib pdb pickle pickletools pipes<3.13 pkgutil platform
plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib
resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd<3.12 smtplib sndhdr<3.13 socket socketserver
spwd<3.13 sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau<3.13 symbol<3.10 symtable sys
sysconfig syslog tabnanny tarfile telnetlib<3.13 tempfile termios test textwrap this threading time timeit tkinter token tokenize tomllib>=3.11
trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu<3.13 uuid venv warnings wave weakref webbrowser
winreg winsound wsgiref xdrlib<3.13 xml xmlrpc xxsubtype zipapp zipfile zipimport zlib zoneinfo>=3.9`

/** Modules behind the public ones: never a package either. */
export const privateStdlib: string = `_abc _aix_support _android_support _apple_support _ast _ast_unparse _asyncio _bisect _blake2 _bootlocale _bootsubprocess _bz2
_codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc _colorize _compat_pickle _compression
_contextvars _crypt _csv _ctypes _ctypes_test _curses _curses_panel _datetime _dbm _decimal _dummy_thread _elementtree _frozen_importlib
_frozen_importlib_external _functools _gdbm _hashlib _heapq _hmac _imp _interpchannels _interpqueues _interpreters _io _ios_support _json _locale
_lsprof _lzma _markupbase _md5 _msi _multibytecodec _multiprocessing _opcode _opcode_metadata _operator _osx_support _overlapped _pickle
_posixshmem _posixsubprocess _py_abc _py_warnings _pydatetime _pydecimal _pyio _pylong _pyrepl _queue _random _remote_debugging _scproxy _sha1
_sha2 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct _suggestions _symtable
_sysconfig _testbuffer _testcapi _testimportmultiple _testinternalcapi _testmultiphase _thread _threading_local _tkinter _tokenize _tracemalloc
_types _typing _typeshed _uuid _warnings _weakref _weakrefset _winapi _wmi _xxsubinterpreters _xxtestfuzz _zoneinfo _zstd sitecustomize
usercustomize`

/** Packages that bring a removed module back, where they exist. */
export const restored: Readonly<Record<string, string>> = {
  aifc: 'standard-aifc',
  asynchat: 'pyasynchat',
  asyncore: 'pyasyncore',
  audioop: 'audioop-lts',
  cgi: 'legacy-cgi',
  cgitb: 'legacy-cgi',
  chunk: 'standard-chunk',
  distutils: 'setuptools',
  imghdr: 'standard-imghdr',
  telnetlib: 'standard-telnetlib',
}

/** Top-level modules of Python 2.7 that Python 3 renamed or dropped: never a package, whatever the index has under the name. */
export const python2: string = `BaseHTTPServer Bastion CGIHTTPServer ConfigParser Cookie DocXMLRPCServer HTMLParser Queue ScrolledText SimpleDialog SimpleHTTPServer
SimpleXMLRPCServer SocketServer StringIO Tix Tkinter UserDict UserList UserString __builtin__ anydbm cPickle cStringIO commands compiler cookielib
copy_reg dbhash dircache dumbdbm dummy_thread exceptions fpformat gdbm htmlentitydefs htmllib httplib ihooks imputil md5 mhlib mimetools
mimify multifile mutex new popen2 posixfile repr rexec rfc822 robotparser sets sgmllib sha statvfs stringold thread tkColorChooser
tkCommonDialog tkFileDialog tkFont tkMessageBox tkSimpleDialog ttk unichr urllib2 urlparse user whichdb xmlrpclib`
